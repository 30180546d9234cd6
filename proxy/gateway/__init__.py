"""The platform's side: who may publish, what is admitted and how, what an operator stops, and the ledger of all of it."""
