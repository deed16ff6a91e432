"""From an operator's sentence to a reward program: the node that serves RunTask."""
