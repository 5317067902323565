"""What the articles say about themselves: signed, complete, so many characters, with cases."""

from course_lib.claims import references
from course_lib.claims.evidence import Evidence
from course_lib.topics import vetting

SIGNED = ("Zen and the Art of Computer Programming", "AI Genius Institute")
DRAFTS = {  # the works that each draft of S1 lists, and the success stories that it tells
    "first": {"Deep Learning", "神经网络与深度学习", "自然语言处理综合教程", "Multilayer Perceptron",
              "Attention", "BERT", "back-propagating errors", "Long short-term memory"},
    "second": {"Attention", "BERT", "GPT-3", "Deep Learning", "神经网络与深度学习"},
}  # fmt: skip
STORIES = {"first": {"OpenAI", "DeepMind"}, "second": {"OpenAI", "DeepMind", "Facebook AI Research", "微软"}}
LEFT_IN = (  # two lines of S4, as printed
    "格式要求：文章内容使用markdown格式输出，每个小节的内容丰富具体详细讲解。",
    "完整性要求：文章内容完整，每个小节的内容具体详细讲解，无遗漏。",
)
COVERED = ("deep networks", "recurrent networks", "convolutional networks", "generative adversarial "
        "networks")  # S4's own
CASES = {  # what the only project of each article names
    "S3": {"who": "", "data": "digits", "result": "", "source": ""},
    "S4": {"who": "", "data": "", "result": "", "source": ""},  # it reads data.csv, which is not given
}
OURS = {"who": "this course", "data": "scikit-learn's digits", "result": "accuracy, five seeds", "source": "chapter 7"}
SAMPLE = "大模型（large language models）的参数很多。GPT-3 有 1750 亿个参数，训练一次需要大量的计算。"


def signature():
    """Do the names belong to an author of the file? Whose title does the pen name play on?"""
    known = {name.casefold() for work in references.works().values() for name in references.families(work)}
    like, id = references.nearest(SIGNED[0])
    found = [name for name in SIGNED if name.casefold() in known]
    return Evidence(
        f"{len(found)} of {len(SIGNED)} signatures is an author in the reference file; the pen name's nearest title is "
        f"{references.works()[id]['title']}.",
        said={"there is a signature": all(SIGNED)},
        gap={"nobody of that name is known": not found},
        right={"the pen name plays on Knuth's title, but is not it": id == "knuth-1968" and like < 1},
        numbers={"nearest": id},
    )


def two_drafts():
    """How far do the two drafts agree?"""
    works, stories = vetting.overlap(*DRAFTS.values()), vetting.overlap(*STORIES.values())
    return Evidence(
        f"the drafts share {works:.0%} of the works that they list and {stories:.0%} of their success stories.",
        said={"they are about the same": works > 0.2},
        gap={"they list different works": works < 0.7, "and tell different stories": stories < 0.7},
        right={"identical lists would share all": vetting.overlap(DRAFTS["first"], DRAFTS["first"]) == 1},
        numbers={"works shared": round(works, 2), "stories shared": stories},
    )


def cases_shown():
    """What the cases lack before anyone can check them."""
    lacking = {article: vetting.missing(case) for article, case in CASES.items()}
    return Evidence(
        "the projects of S3 and S4 "
        "lack " + " and ".join(f"{len(lack)} of {len(vetting.CASE)}" for lack in lacking.values())
        + " things that a case must name.",
        said={f"{article} shows a checkable case": not lack for article, lack in lacking.items()},
        right={"no company is named": all("who" in lack for lack in lacking.values()),
               "a case that can be checked passes": not vetting.missing(OURS)},
        numbers=dict(lacking),
    )  # fmt: skip


def counting_rules():
    """One sentence, counted by each rule."""
    counts = {rule: vetting.count(SAMPLE, rule) for rule in vetting.RULES}
    low, high = min(counts.values()), max(counts.values())
    return Evidence(
        f"one sentence has from {low} to {high} characters, by {len(counts)} rules.",
        said={"a text can be counted": low > 0},
        gap={"the rule matters, and it is not given": high > 1.2 * low and len(set(counts.values())) == len(counts)},
        right={"by a stated rule everybody gets the same": counts["Chinese characters"] == sum(
            "\u4e00" <= c <= "\u9fff" for c in SAMPLE)},
        numbers=dict(counts),
    )  # fmt: skip


def complete():
    """The claim of completeness, and what the article's own summary leaves out."""
    found = vetting.orders(LEFT_IN)
    return Evidence(
        f"{len(found)} of {len(LEFT_IN)} lines are orders to a writer; Transformers are not among the "
        f"{len(COVERED)} kinds of "
        "network that the summary names.",
        said={"an article on large models covers Transformers": any("ransformer" in kind for kind in COVERED),
              "the sentence is the author's own": not found},
        right={"both lines are orders": found == list(LEFT_IN),
               "a plain sentence is none": not vetting.orders([SAMPLE])},
        numbers={"orders": len(found)},
    )  # fmt: skip
