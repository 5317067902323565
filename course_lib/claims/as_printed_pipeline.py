"""S4's pipeline and S1's text generator, reduced to their calls, and what can be found out without running Keras.

The calls, their order and their arguments are the articles'; the rest of the listings is left out. Claims
S4-3.2-pseudocode, S1-3.6-code, S1-3.6-text-generation-claim. The right versions are in `course_lib.topics`.
"""

import ast
import builtins

PIPELINE = """
X_train, X_val, X_test, y_train, y_val, y_test = preprocess_data()
model = build_model(input_shape=X_train.shape[1:], num_classes=y_train.shape[1])
model.fit(X_train, y_train, validation_data=(X_val, y_val), epochs=100, batch_size=64)
score = model.evaluate(X_test, y_test)
model.save("model.h5")
"""
GENERATOR = """
train, val, test = ..., ..., ...
tokenizer.fit_on_texts(train)
model.compile(optimizer="adam", loss="categorical_crossentropy")
model.fit(tokenizer.texts_to_sequences(train), epochs=10, validation_data=(tokenizer.texts_to_sequences(val), ...))
print(model.predict(tokenizer.texts_to_sequences(test)))
"""
PROVERBS = (
    "the early bird catches the worm. the second mouse gets the cheese. a watched pot never boils. "
    "the pen is mightier than the sword. the best mirror is an old friend. "
)  # ours: a text that repeats itself, for an experiment that has to be quick


def undefined(source: str) -> list[str]:
    """Names that a listing calls or reads before anything defines them, in order of appearance."""
    known, missing = set(dir(builtins)), []
    for statement in ast.parse(source).body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in known | set(missing):
                missing.append(node.id)
        known |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return missing


def positional(source: str, method: str) -> int:
    """How many positional arguments the first call of this method has."""
    calls = [
        n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == method
    ]
    return len(calls[0].args)
