"""rviz shows what is published, with a quality of service that fits."""

import pytest
import yaml

from vls.folders import rviz_file
from vls.topic_table import TOPIC_TABLE

CONFIGURATION = yaml.safe_load(rviz_file().read_text())['Visualization Manager']
DISPLAYS = [item for item in CONFIGURATION['Displays'] if 'Topic' in item]
TYPES = {
    'rviz_default_plugins/Image': 'sensor_msgs/msg/Image',
    'rviz_default_plugins/MarkerArray': 'visualization_msgs/msg/MarkerArray',
    'rviz_default_plugins/Pose': 'geometry_msgs/msg/PoseStamped',
}
TOPICS = {topic.name: topic for topic in TOPIC_TABLE}


@pytest.mark.parametrize('display', DISPLAYS, ids=lambda display: display['Name'])
def test_display_fits_a_topic(display):
    topic = TOPICS[display['Topic']['Value']]
    assert TYPES[display['Class']] == topic.type
    if not topic.reliable:
        assert display['Topic']['Reliability Policy'] == 'Best Effort'
    if not topic.latched:
        assert display['Topic']['Durability Policy'] == 'Volatile'


def test_everything_made_for_rviz_is_shown():
    shown = {display['Topic']['Value'] for display in DISPLAYS}
    assert {name for name, topic in TOPICS.items() if 'MarkerArray' in topic.type} <= shown


def test_fixed_frame_is_that_of_the_scene():
    assert CONFIGURATION['Global Options']['Fixed Frame'] == 'fr3_link0'
