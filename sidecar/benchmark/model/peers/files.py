"""Where a checkpoint's folder has the graphs that peers load."""

ONNX_FP32 = "onnx/model.onnx"
ONNX_OPTIMIZED = "onnx/model_O3.onnx"
ONNX_INT8 = "onnx/model_int8.onnx"
OPENVINO_FP32 = "openvino/openvino_model.xml"
OPENVINO_INT8 = "openvino/openvino_model_int8.xml"

PADDING = "[PAD]"
"""The token that fills a batch up; its number is 0 in every BERT."""
