"""Russian text: normal form, words, lemmas. Pure."""
