"""What to install when a GPU provider finds a library missing."""

from pathlib import Path

import pytest

from server.gpu_advice import explained

TAIL = ": cannot open shared object file: No such file or directory"


def site_with(folder: Path, *files: str) -> Path:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    return folder


@pytest.mark.parametrize(
    ("installed", "missing", "advice"),
    [
        (
            (),
            "libnvinfer.so.10",
            "TensorRT (libnvinfer.so.10) is missing: pip install 'skein-server[gpu,tensorrt]'",
        ),
        (
            ("tensorrt_libs/libnvinfer.so.11",),
            "libnvinfer.so.10",
            "this ONNX Runtime needs TensorRT 10 (libnvinfer.so.10), but TensorRT 11 is "
            "installed: pip install 'skein-server[gpu,tensorrt]'",
        ),
        (
            (),
            "libcudnn.so.9",
            "libcudnn.so.9 is missing: pip install 'skein-server[gpu]'",
        ),
        (
            ("nvidia/cublas/lib/libcublas.so.12.8.4",),
            "libcublas.so.13",
            "this ONNX Runtime needs libcublas.so.13, but libcublas.so.12 is installed: "
            "pip install --upgrade 'skein-server[gpu]'",
        ),
    ],
)
def test_a_missing_library_is_explained(
    tmp_path: Path, installed: tuple[str, ...], missing: str, advice: str
) -> None:
    message = f"Failed to load library libonnxruntime_providers_cuda.so with error: {missing}{TAIL}"
    assert explained(message, site_with(tmp_path, *installed)) == advice


def test_other_messages_stay_as_they_are(tmp_path: Path) -> None:
    message = "there is no GPU 3: this process sees 2"
    assert explained(message, tmp_path) == message
