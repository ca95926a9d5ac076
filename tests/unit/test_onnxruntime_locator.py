"""Finding the runtime's library in installed wheels."""

from pathlib import Path

import pytest

from server.onnxruntime_locator import RuntimeNotFoundError, gpu_libraries, locate


def install(
    site: Path, *distributions: str, library: str | None = "libonnxruntime.so.1.24.1"
) -> None:
    capi = site / "onnxruntime" / "capi"
    capi.mkdir(parents=True, exist_ok=True)
    if library is not None:
        (capi / library).touch()
    for name in distributions:
        (site / f"{name}-1.24.1.dist-info").mkdir()


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("onnxruntime", "onnxruntime"),
        ("onnxruntime_openvino", "onnxruntime-openvino"),
        ("onnxruntime_gpu", "onnxruntime-gpu"),
    ],
)
def test_the_library_is_found_with_its_distribution(tmp_path: Path, folder: str, name: str) -> None:
    install(tmp_path, folder)
    found = locate([str(tmp_path / "empty"), str(tmp_path)])
    assert found.path == tmp_path / "onnxruntime" / "capi" / "libonnxruntime.so.1.24.1"
    assert found.distribution == name


def test_none_installed_prints_the_command(tmp_path: Path) -> None:
    with pytest.raises(RuntimeNotFoundError, match=r"pip install 'skein-server\[cpu\]'"):
        locate([str(tmp_path)])


def test_two_in_the_same_folder_print_the_commands(tmp_path: Path) -> None:
    install(tmp_path, "onnxruntime", "onnxruntime_openvino")
    with pytest.raises(RuntimeNotFoundError) as caught:
        locate([str(tmp_path)])
    message = str(caught.value)
    assert "onnxruntime and onnxruntime-openvino are installed in the same folder" in message
    assert "pip uninstall -y onnxruntime onnxruntime-openvino" in message
    assert "pip install onnxruntime-openvino" in message


def test_a_folder_without_the_library_prints_the_command(tmp_path: Path) -> None:
    install(tmp_path, "onnxruntime_gpu", library=None)
    with pytest.raises(RuntimeNotFoundError, match="--force-reinstall onnxruntime-gpu"):
        locate([str(tmp_path)])


def test_gpu_libraries_come_with_dependencies_first(tmp_path: Path) -> None:
    for path in ("nvidia/cublas/lib/libcublas.so.13", "nvidia/cublas/lib/libcublasLt.so.13",
                 "nvidia/cu13/lib/libcudart.so.13", "nvidia/cudnn/lib/libcudnn.so.9",
                 "tensorrt_libs/libnvinfer.so.10"):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert [path.name for path in gpu_libraries(tmp_path)] == [
        "libcudart.so.13",
        "libcublasLt.so.13",
        "libcublas.so.13",
        "libcudnn.so.9",
        "libnvinfer.so.10",
    ]
