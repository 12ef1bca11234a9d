"""How VITA-Nano is trained and measured; the server imports nothing from here."""
