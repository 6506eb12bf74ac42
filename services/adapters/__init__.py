"""Where the outside begins: the store, the clearinghouse, the clock."""
