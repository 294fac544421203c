"""What the engine offers beside adding and asking: to look, follow jobs, sync, see the graph, converse."""
