// Nothing: the precompiled header for tests needs a target to belong to.
