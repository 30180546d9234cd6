"""Where faces and bodies are: one file per model, each turning an I420 picture into detections in its full pixels."""
