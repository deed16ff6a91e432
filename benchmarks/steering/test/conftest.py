import torch

# Two threads are slower than one for batches this small, and far slower on a busy machine.
torch.set_num_threads(1)
