"""Load an ONNX model: onnxruntime on the CPU, without telemetry and without threads that spin."""

import os
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import: onnxruntime starts its telemetry when imported

import onnxruntime as ort

from dejashot.errors import ModelError


def open_session(file: Path, threads: int) -> "ort.InferenceSession":
    """Open an ONNX model for a number of threads; raise ModelError."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(
            f"onnxruntime can't load {file.name}: {error}", "Check that the file is an ONNX model"
        ) from error
