"""`python -m voting.signer [health]`."""

from voting.signer.app import main

main()
