"""How much each guest, account and partner may read, decided and counted exactly once."""
