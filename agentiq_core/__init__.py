"""AgentIQ's library: everything the support desk does, and nothing of how it looks."""

__version__ = "0.1.0"
