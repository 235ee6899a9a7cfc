"""The process that serves: the application under uvicorn, its ports, its parts' life, workers."""
