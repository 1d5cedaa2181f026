"""The rules of the threshold: facts and law come in as arguments, a judgement with its findings comes out."""
