"""Geometry on arrays: boxes, IoU, NMS, detections as columns, letterboxing, tiles. Pure numpy; N may be 0 everywhere."""
