import cv2
import numpy as np
import pytest
from PIL import Image as Picture
from sensor_msgs.msg import Image

from vls.recording import (
    FRAME_RATE,
    Panel,
    Recorder,
    RecordingError,
    side_by_side,
    write_gif,
    write_video,
)


def message(level):
    pixels = np.full((48, 64, 3), level, np.uint8)
    return Image(height=48, width=64, encoding='rgb8', step=192, data=pixels.tobytes())


def recording(levels, period=0.5):
    recorder = Recorder()
    for index, level in enumerate(levels):
        recorder.add(message(level))
        recorder.times[-1] = index * period
    return recorder


def test_the_frame_at_a_moment_is_the_last_that_came():
    recorder = recording([10, 120, 240])
    levels = [recorder.frame(moment).mean() for moment in (0.0, 0.4, 0.6, 99.0)]
    assert levels == pytest.approx([10, 10, 120, 240], abs=2)


def test_colours_are_not_swapped():
    recorder = Recorder()
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[..., 0] = 200
    recorder.add(Image(height=48, width=64, encoding='rgb8', step=192, data=pixels.tobytes()))
    red, green, blue = recorder.frame(0.0).reshape(-1, 3).mean(axis=0)
    assert red > 180
    assert green < 30 > blue


@pytest.fixture
def panels():
    return [Panel(recording([10] * 8), 'unsteered', False),
            Panel(recording([240] * 4), 'steered', True)]


def test_the_video_plays_and_lasts_as_long_as_the_longer_recording(tmp_path, panels):
    write_video(side_by_side(panels, 'a title'), tmp_path / 'pair.mp4')
    capture = cv2.VideoCapture(str(tmp_path / 'pair.mp4'))
    frames = []
    while (item := capture.read())[0]:
        frames.append(item[1])
    assert len(frames) == round((3.5 + 1.5) * FRAME_RATE)
    left, right = np.array_split(frames[0][60:80], 2, axis=1)
    assert left.mean() < 60 < 200 < right.mean()


def test_a_video_of_odd_sides_loses_a_line_of_pixels(tmp_path):
    write_video(iter([np.zeros((49, 65, 3), np.uint8)] * 3), tmp_path / 'odd.mp4')
    capture = cv2.VideoCapture(str(tmp_path / 'odd.mp4'))
    assert capture.read()[1].shape == (48, 64, 3)


def test_where_a_video_cannot_be_written_there_is_an_error_that_names_it(tmp_path, panels):
    with pytest.raises(RecordingError, match='gone'):
        write_video(side_by_side(panels, ''), tmp_path / 'gone' / 'pair.mp4')


def test_the_gif_moves(tmp_path, panels):
    write_gif(side_by_side(panels, 'a title'), tmp_path / 'pair.gif')
    picture = Picture.open(tmp_path / 'pair.gif')
    assert picture.is_animated
    assert picture.width == 640


def test_without_pictures_there_is_an_error_that_names_the_topic(tmp_path):
    panels = [Panel(Recorder(), 'nothing', False)]
    with pytest.raises(RecordingError, match='front_camera'):
        write_video(side_by_side(panels, ''), tmp_path / 'none.mp4')
