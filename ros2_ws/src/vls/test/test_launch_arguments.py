import pytest

from vls.launch_arguments import LaunchArgumentError, LaunchSettings

settings = LaunchSettings.from_arguments


def test_without_arguments_everything_is_simulated():
    assert settings({}).sim
    assert not settings({}).dry_run
    assert settings({}).robot_ip == '127.0.0.1'


def test_an_address_means_the_real_robot_which_stays_dry_until_told_otherwise():
    real = settings({'robot_ip': '172.16.0.2'})
    assert not real.sim
    assert real.dry_run
    assert not settings({'robot_ip': '172.16.0.2', 'dry_run': 'false'}).dry_run


def test_an_address_of_a_simulated_robot():
    assert settings({'robot_ip': '127.0.0.5', 'sim': 'true'}).sim


@pytest.mark.parametrize('given', [{'sim': 'true'}, {'use_fake_hardware': 'true'}])
def test_franka_ros2s_name_means_the_same(given):
    assert settings({**given, 'robot_ip': '127.0.0.5'}).sim


@pytest.mark.parametrize(('given', 'words'), [
    ({'robot_pi': '1.2.3.4'}, 'robot_pi.*robot_ip'),
    ({'sim': 'maybe'}, 'sim.*maybe.*true'),
    ({'sim': 'false'}, 'robot_ip'),
    ({'sim': 'true', 'use_fake_hardware': 'false'}, 'contradict'),
    ({'robot_type': 'ur5'}, 'ur5.*fr3'),
    ({'params_file': '/nowhere.yaml'}, 'nowhere'),
    ({'log_level': 'loud'}, 'loud'),
    ({'vlm_model': 'some-model'}, 'vlm_base_url'),
])
def test_what_cannot_be_meant_is_refused_with_what_to_do(given, words):
    with pytest.raises(LaunchArgumentError, match=words):
        settings(given)
