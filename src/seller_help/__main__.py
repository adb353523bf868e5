"""`python -m seller_help` is `seller-help`."""

from seller_help.main import main

main()
