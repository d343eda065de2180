"""What an order may be, how long it runs and how it ends. Pure: facts, pack and instant in, decision out."""
