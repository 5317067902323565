"""The fixed texts of what students get, in English and Chinese."""

from __future__ import annotations

TEXTS = {
    "en": {
        "due": "**Hand in by** {due}.",
        "open-end": "There is no deadline.",
        "late": "Each day begun after that costs {per_day:.0%} of the points, {at_most:.0%} at most.",
        "table": "| task | points |\n|---|--:|",
        "how": "Write each answer in the cell under its task, and keep the function's name and its arguments. Run the "
               "cell: the check says what is wrong, on practice inputs; marks are given on other inputs. Use "
               "*Run → Restart Kernel and Run All Cells* before you hand in, save, and hand in this notebook, or the "
               "whole folder as a zip.",
        "locked": "The other cells are locked, and whatever changed in them is put back before marking. "
                  "You may add cells of your own.",
        "hints": "Hints are closed for {ids}.",
        "references": "`reveal` is closed for {ids}.",
        "examples": "The check of {ids} knows a few examples only.",
        "left-out": "*Exercise {id} is not part of this assignment.*",
        "left-out-code": "# Exercise {id} is not part of this assignment.",
        "task": "**Assigned, exercise {id}** ({minutes} minutes, {points}): {title}.",
        "question": "**Assigned, question {id}** ({points}).",
        "questions": "## Questions of this assignment",
        "answer": "*Write your answer here, in place of this line.*",
        "point": "{n:g} point", "points": "{n:g} points",
        "readme": "Open this folder in JupyterLab, in the environment in which the course is installed (the Python "
                  "package course_lib), and begin with the notebook.",
        "contents": "What is in it:",
        "assignment": "`assignment.json`: read by the checks. Keep it beside the notebooks; marks do not depend on it.",
    },
    "zh": {
        "due": "**提交截止时间**:{due}。",
        "open-end": "没有截止时间。",
        "late": "逾期每一天(不足一天按一天计)扣总分的 {per_day:.0%},最多扣 {at_most:.0%}。",
        "table": "| 题目 | 分值 |\n|---|--:|",
        "how": "请把每题的答案写在题目下面的单元格里,保留函数名和参数。运行该单元格:检查会用练习数据告诉你哪里不对;"
               "评分时用的是另外的数据。提交前请执行 *Run → Restart Kernel and Run All Cells*,保存,"
               "然后提交这个笔记本,或把整个文件夹打成 zip 提交。",
        "locked": "其余单元格已锁定,评分前会恢复原样。你可以添加自己的单元格。",
        "hints": "{ids} 不提供提示。",
        "references": "{ids} 不能使用 `reveal`。",
        "examples": "{ids} 的检查只有少量示例。",
        "left-out": "*练习 {id} 不在本次作业中。*",
        "left-out-code": "# 练习 {id} 不在本次作业中。",
        "task": "**作业,练习 {id}**({minutes} 分钟,{points}):{title}。",
        "question": "**作业,问答题 {id}**({points})。",
        "questions": "## 本次作业的问答题",
        "answer": "*请在此处作答,并删除本行。*",
        "point": "{n:g} 分", "points": "{n:g} 分",
        "readme": "请在安装了本课程(Python 包 course_lib)的环境里用 JupyterLab 打开这个文件夹,从笔记本开始。",
        "contents": "内容:",
        "assignment": "`assignment.json`:供检查使用,请与笔记本放在一起。修改它不会影响分数。",
    },
}  # fmt: skip


def say(language: str, name: str, **fields) -> str:
    """A text, filled in."""
    return TEXTS[language][name].format(**fields)


def points(language: str, n: float) -> str:
    """"1 point", "2.5 points"."""
    return say(language, "point" if n == 1 else "points", n=n)
