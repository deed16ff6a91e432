# Two commands are enough: `make demo` and `make test`. Both set up what they need first.
PYTHON ?= python3
VENV := .venv/bin
JOBS ?= 2
CHECKPOINT := ros2_ws/src/vls_policy_node/vls_policy_node/checkpoints/pick_and_place.safetensors
RUN := ROS_AUTOMATIC_DISCOVERY_RANGE=$(or $(ROS_AUTOMATIC_DISCOVERY_RANGE),LOCALHOST) PATH="$(CURDIR)/$(VENV):$$PATH"

# Threads of a training that wait for each other leave the core to others: many times faster beside them.
YIELD := OMP_WAIT_POLICY=passive

LIBERO := MUJOCO_GL=$(or $(MUJOCO_GL),egl) OMP_NUM_THREADS=1 PYTHONPATH=$(CURDIR)/ros2_ws/src/vls_core .venv.libero/bin/python

# `make demo VLM_BASE_URL=http://127.0.0.1:8399/v1 VLM_MODEL=test` lets a model write the rewards.
ENDPOINT := $(if $(VLM_BASE_URL),--vlm-base-url '$(VLM_BASE_URL)') $(if $(VLM_MODEL),--vlm-model '$(VLM_MODEL)')

.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-fast bench bench-demo bench-steering bench-rewards bench-offline-author \
  bench-bridge bench-bridge-soak bench-bridge-storms bridge-faults endpoint-faults train lint lock clean \
  setup-libero test-libero demos train-libero recheck-libero bench-libero-pro

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup:  ## make .venv with everything in it (seconds when it is there)
	@$(PYTHON) scripts/setup.py

demo: setup  ## watch a frozen policy fail in a changed scene, then succeed when steered
	@$(RUN) vls demo $(ENDPOINT)

up: setup  ## start the simulated stack and leave it running until Ctrl-C
	@$(RUN) vls up $(ENDPOINT)

test: setup  ## all tests, the whole stack included; on JOBS cores what needs no quiet machine
	@$(RUN) OMP_NUM_THREADS=1 python -m pytest -n $(JOBS)

test-fast: setup  ## all tests that do not start the whole stack
	@$(RUN) OMP_NUM_THREADS=1 python -m pytest -n $(JOBS) -m 'not stack'

bench: bench-demo bench-steering bench-rewards bench-offline-author bench-bridge bench-bridge-soak bench-bridge-storms  ## every benchmark

bench-demo: setup  ## 10 seeds x 5 conditions, unsteered and steered; goes on where it was interrupted
	@$(RUN) vls bench demo

bench-steering: setup  ## the steering core against what it is compared with; QUICK=1 takes minutes
	@$(RUN) python -m benchmarks.steering $(if $(filter-out 0,$(QUICK)),--quick)

endpoint-faults: setup  ## write docs/reference/endpoint-faults.md from what is observed
	@$(RUN) PYTHONPATH=ros2_ws/src/vls_core/test python ros2_ws/src/vls_vlm_node/test/fault_table.py

bench-rewards: setup  ## times of verification and rewards over a denoising step; QUICK=1 is quick
	@$(RUN) python -m benchmarks.rewards $(if $(filter-out 0,$(QUICK)),--quick)

bench-offline-author: setup  ## what the offline author's programs come to in the simulated scene (10 minutes)
	@$(RUN) python -m benchmarks.offline_author

bench-bridge: setup  ## streaming and stopping on a simulator that enforces the robot's limits; QUICK=1 is quick
	@$(RUN) python -m benchmarks.bridge $(if $(filter-out 0,$(QUICK)),--quick)
	@$(RUN) python -m benchmarks.bridge.stops $(if $(filter-out 0,$(QUICK)),--trials 2 --out runs/bridge-quick/stops.jsonl)

bench-bridge-soak: setup  ## half an hour of streaming: starvation, memory, jitter; MINUTES=1 for a look
	@$(RUN) python -m benchmarks.bridge.soak $(if $(MINUTES),--minutes $(MINUTES))

bench-bridge-storms: setup  ## 100000 generated chunk streams, every reference checked (an hour on two cores)
	@$(RUN) PYTHONPATH=ros2_ws/src/franka_bridge/test OMP_NUM_THREADS=1 python -m benchmarks.bridge.storms

bridge-faults: setup  ## write docs/reference/faults.md from what is observed
	@$(RUN) PYTHONPATH=ros2_ws/src/franka_bridge/test python -m benchmarks.bridge.faults

setup-libero:  ## make .venv.libero for the LIBERO-PRO benchmark (2 GB; it needs older versions)
	@$(PYTHON) scripts/setup.py --libero

test-libero: setup-libero  ## the tests of the LIBERO-PRO benchmark, which `make test` leaves out
	@$(LIBERO) -m pytest benchmarks/libero_pro

demos: setup-libero  ## record scripted demonstrations of the LIBERO suites; goes on where it was interrupted
	@$(LIBERO) -m benchmarks.libero_pro.demonstrations

train-libero: setup-libero  ## train the base policies of the LIBERO-PRO benchmark on the demonstrations
	@$(YIELD) $(LIBERO) -m benchmarks.libero_pro.training --threads $(JOBS)

recheck-libero: setup-libero  ## play 60 recorded episodes of LIBERO-PRO again: do they end the same here?
	@$(LIBERO) -m benchmarks.libero_pro.recheck

bench-libero-pro: setup-libero  ## LIBERO-PRO: a frozen policy under shifted scenes, steered and not (hours; resumable)
	@$(LIBERO) -m benchmarks.libero_pro.everything $(if $(QUICK),--quick)

train: setup  ## record scripted demonstrations and train the policy, with fixed seeds
	@$(RUN) vls-record-demonstrations --out runs/demonstrations.npz
	@$(YIELD) $(RUN) vls-train-policy runs/demonstrations.npz --out $(CHECKPOINT)

lint: setup  ## check style
	@$(RUN) ruff check .

lock:  ## write requirements.lock from what is installed in .venv
	@$(VENV)/python scripts/lock.py > requirements.lock.new && mv requirements.lock.new requirements.lock

clean:  ## remove all environments, caches and builds; runs/ stays
	rm -rf .venv .venv.judge .venv.libero build ros2_ws/build ros2_ws/install ros2_ws/log
	rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis
