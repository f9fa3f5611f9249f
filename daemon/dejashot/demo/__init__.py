"""A small library of drawn photos, for people who want to see what Dejashot does before they show it theirs."""
