"""The commands of `chartline`: one module a group. Each imports what it needs when it is called."""
