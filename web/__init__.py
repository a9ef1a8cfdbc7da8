"""What the pages of both sides share: layout, styles, macros, translations, and how a page is answered."""
