"""Three themes: dark, light and high contrast."""

from __future__ import annotations

from textual.theme import Theme

THEMES = (
    Theme(
        name="agentiq-dark",
        primary="#7aa2f7",
        secondary="#9d7cd8",
        accent="#7dcfff",
        warning="#e0af68",
        error="#f7768e",
        success="#9ece6a",
        foreground="#d5d9e8",
        background="#14161f",
        surface="#1a1d29",
        panel="#262b3d",
        dark=True,
        variables={"faint": "#979db6", "line": "#343a52", "cursor-row": "#2b3350"},
    ),
    Theme(
        name="agentiq-light",
        primary="#2f5fd0",
        secondary="#7847bd",
        accent="#006c90",
        warning="#8a5300",
        error="#c0264b",
        success="#3f6d10",
        foreground="#20232e",
        background="#f6f7fa",
        surface="#ffffff",
        panel="#e4e7f0",
        dark=False,
        variables={"faint": "#5d6378", "line": "#c3c8d8", "cursor-row": "#dce4fa"},
    ),
    Theme(
        name="agentiq-contrast",
        primary="#ffffff",
        secondary="#ffff00",
        accent="#00ffff",
        warning="#ffff00",
        error="#ffa8a8",
        success="#80ff80",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#303030",
        dark=True,
        variables={"faint": "#d0d0d0", "line": "#ffffff", "cursor-row": "#0000a0"},
    ),
)
