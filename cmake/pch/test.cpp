// Gives the tests' precompiled header a target to belong to.
