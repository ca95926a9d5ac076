"""What most services start from: FastAPI, Pillow and onnxruntime. For contrast only.

`python -m benchmarks.preprocess.fastapi_service MODEL.onnx` answers POST /classify with the body
of a JPEG; prints its port once it listens. Needs `pip install fastapi uvicorn`.
"""

import asyncio
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import uvicorn
from fastapi import FastAPI, Request

from benchmarks.bare_onnx import session

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
SIDE = 224


def make_app(model: Path) -> FastAPI:
    app = FastAPI()
    opened = session(model, threads=1)

    def classify(body: bytes) -> int:
        picture = PIL.Image.open(io.BytesIO(body)).convert("RGB")
        resized = picture.resize((SIDE, SIDE), PIL.Image.Resampling.BILINEAR)
        pixels = (np.asarray(resized, np.float32) / 255 - MEAN) / STD
        scores = opened.run(None, {"INPUT0": pixels.transpose(2, 0, 1)[None].copy()})[0]
        return int(scores[0].argmax())

    @app.post("/classify")
    async def answer(request: Request) -> dict[str, Any]:
        body = await request.body()
        return {"class": await asyncio.to_thread(classify, body)}

    return app


class _Told(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        print(port, flush=True)


def main() -> None:
    config = uvicorn.Config(make_app(Path(sys.argv[1])), port=0, log_level="error")
    _Told(config).run()


if __name__ == "__main__":
    main()
