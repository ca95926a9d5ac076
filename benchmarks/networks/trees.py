"""Gradient-boosted trees, trained on a seeded regression problem and converted."""

import numpy as np
from onnx import ModelProto

ROWS = 2000


def tree_ensemble(trees: int = 200, depth: int = 6, columns: int = 30, seed: int = 0) -> ModelProto:
    """INPUT0 FP32[batch,columns] -> variable FP32[batch,1]. Needs skl2onnx, which the other
    networks do not."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType
    from sklearn.ensemble import GradientBoostingRegressor

    random = np.random.default_rng(seed)
    rows = random.normal(size=(ROWS, columns))
    target = rows[:, 0] * rows[:, 1] + np.sin(rows[:, 2]) + random.normal(0, 0.1, ROWS)
    trained = GradientBoostingRegressor(
        n_estimators=trees, max_depth=depth, subsample=0.3, random_state=seed
    ).fit(rows, target)
    made: ModelProto = convert_sklearn(
        trained,
        initial_types=[("INPUT0", FloatTensorType([None, columns]))],
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    return made
