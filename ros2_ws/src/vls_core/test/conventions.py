"""Every way a policy may be trained, for tests that hold in all of them."""

from vls_core.policies.process import DiffusionProcess, FlowProcess

PROCESSES = {
    'flow, clean at 0': FlowProcess(clean_time=0),
    'flow, clean at 1': FlowProcess(clean_time=1),
    'diffusion, noise': DiffusionProcess('noise', clean_limit=3.0),
    'diffusion, velocity': DiffusionProcess('velocity'),
    'diffusion, clean': DiffusionProcess('clean'),
    'diffusion, stochastic': DiffusionProcess('velocity', stochasticity=1.0),
}
