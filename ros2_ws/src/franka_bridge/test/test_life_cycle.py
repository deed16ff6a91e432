"""An inactive bridge moves nothing, and one that was paused goes on as if nothing had been."""

from bridge_rig import SIMULATED, wait_for
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from vls_interfaces.msg import BridgeStatus


def change_state(client, transition):
    service = client.node.create_client(ChangeState, 'franka_bridge/change_state')
    assert service.wait_for_service(60.0)
    answer = service.call_async(ChangeState.Request(transition=Transition(id=transition)))
    wait_for(answer.done, 'an answer to change_state')
    client.node.destroy_client(service)
    return answer.result().success


def test_a_bridge_that_was_paused_arms_again_and_only_then(robot, client, start_bridge):
    start_bridge(robot_ip=robot.address, **SIMULATED)
    client.wait_for_state(BridgeStatus.IDLE)
    assert client.ask('arm', True).success
    client.wait_for_state(BridgeStatus.ARMED)
    assert change_state(client, Transition.TRANSITION_DEACTIVATE)
    client.wait_for_state(BridgeStatus.IDLE)
    refused = client.ask('arm', True)
    assert not refused.success
    assert 'not active' in refused.message
    assert change_state(client, Transition.TRANSITION_ACTIVATE)
    assert client.ask('arm', True).success
    client.wait_for_state(BridgeStatus.ARMED)
    assert client.ask('home').success
