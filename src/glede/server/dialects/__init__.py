"""The APIs of others, so that their clients work unchanged: OpenAI's, Ollama's. A collection is a model."""
