"""Choosing a model honestly: folds, cross-validation, search, and our networks as scikit-learn estimators.

Everything here takes scikit-learn estimators, pipelines included, and `Classifier` goes wherever scikit-learn takes
one: `cross_val_score`, `GridSearchCV`, `Pipeline`. The functions are the same things in a few lines that can be read.
"""

from course_lib.model_selection.estimator import Classifier
from course_lib.model_selection.folds import k_fold, stratified_k_fold
from course_lib.model_selection.search import cross_validate, grid_search, random_search

__all__ = ["Classifier", "cross_validate", "grid_search", "k_fold", "random_search", "stratified_k_fold"]
