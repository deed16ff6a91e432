"""What the offline author makes of sentences: a gist of the program, or why it refuses."""

import pytest
from bench_scene import bench_scene
from offline_gist import gist, write

from vls_core.rewards.check import check_program
from vls_core.vlm.author import NotUnderstoodError, UnknownObjectInInstructionError

SCENE = bench_scene()

ACCEPTED = [
    # plain
    ('put the red cube on the plate', 'bring the red cube to the plate'),
    ('Put the red cube in the tray.', 'bring the red cube to the tray'),
    ('could you please carry the blue block over to the dish', 'bring the blue cube to the plate'),
    ('drop the yellow one into the basket', 'bring the yellow cube to the tray'),
    ('pick and place the green box on the plate', 'bring the green cube to the plate'),
    ('set the green cube down on the plate', 'bring the green cube to the plate'),
    ('take the red cube to the tray', 'bring the red cube to the tray'),
    ('put the red cube on the blue cube', 'bring the red cube to the blue cube'),
    ('pick up the mug, then put it on the plate', 'bring the cup to the plate'),
    ('i want you to put the crimson cube on the plate, thanks', 'bring the red cube to the plate'),
    ('grab the red cube and put into the tray', 'bring the red cube to the tray'),
    ('put the red cube on the top of the plate', 'bring the red cube to the plate'),
    # picking up and holding
    ('pick up the red cube', 'pick up the red cube and hold it'),
    ('pick the red cube up', 'pick up the red cube and hold it'),
    ('grab the cup', 'pick up the cup and hold it'),
    ('lift the red cube 20 cm', 'pick up the red cube, lift it by 20 cm and hold it'),
    ('lift the red cube by 150 mm', 'pick up the red cube, lift it by 15 cm and hold it'),
    ('raise the red cube by 0.25 m', 'pick up the red cube, lift it by 25 cm and hold it'),
    ('pick up the red cube and lift it ten centimetres',
     'pick up the red cube, lift it by 10 cm and hold it'),
    ('lift the red cube 20cm high', 'pick up the red cube, lift it by 20 cm and hold it'),
    ('hold the red cube above the plate', 'hold the red cube above the plate'),
    ('hold the red cube 10 cm above the plate', 'hold the red cube 10 cm above the plate'),
    ('pick up the red cube and hold it over the plate', 'hold the red cube above the plate'),
    # places beside things
    ('put the red cube next to the plate', 'bring the red cube right of the plate'),
    ('put the red cube right of the plate', 'bring the red cube right of the plate'),
    ('put the red cube to the right of the plate', 'bring the red cube right of the plate'),
    ('put the red cube 5 cm right of the plate', 'bring the red cube right of the plate'),
    ('put the red cube behind the plate', 'bring the red cube behind the plate'),
    ('place the red cube in front of the plate', 'bring the red cube in front of the plate'),
    ('put the peg between the plate and the green cube',
     'bring the peg between the plate and the green cube'),
    ('pick up the red cube and put it behind the plate', 'bring the red cube behind the plate'),
    # which one
    ('put the cube nearest to the bottle on the plate', 'bring the blue cube to the plate'),
    ('put the cube farthest from the plate on the plate', 'bring the red cube to the plate'),
    ('put the cube next to the cup on the plate', 'bring the yellow cube to the plate'),
    ('pick up the cube between the green cube and the cup', 'pick up the yellow cube and hold it'),
    ('put the yellow cube on the largest dish', 'bring the yellow cube to the plate'),
    ('put the red cube on the plate left of the bottle', 'bring the red cube to the plate'),
    # stacking and inserting
    ('stack the red cube on the blue cube', 'stack the red cube on the blue cube'),
    ('stack the red cube on top of the blue block', 'stack the red cube on the blue cube'),
    ('insert the peg into the socket', 'insert the peg into the socket'),
    ('pick up the peg and insert it into the socket', 'insert the peg into the socket'),
    # pushing and pulling
    ('push the green cube left by 10 cm', 'push the green cube left by 10 cm'),
    ('push the green cube 10 cm to the left', 'push the green cube to the left by 10 cm'),
    ('slide the red cube forward by 5 cm', 'push the red cube forward by 5 cm'),
    ('nudge the red cube away from me by 40 mm', 'push the red cube away from me by 4 cm'),
    ('push the yellow cube towards the plate by 6 cm',
     'push the yellow cube towards the plate by 6 cm'),
    ('push the red cube away from the bottle by 5 cm',
     'push the red cube away from the bottle by 5 cm'),
    ('push the yellow cube to the plate', 'push the yellow cube to the plate'),
    ('move the green cube left by 6 cm', 'push the green cube left by 6 cm'),
    ('pull the yellow cube towards you by 5 cm', 'pull the yellow cube towards you by 5 cm'),
    ('drag the yellow cube back by 5 cm', 'pull the yellow cube back by 5 cm'),
    # opening and closing
    ('open the drawer', 'open the drawer by 12 cm'),
    ('pull the drawer open', 'open the drawer by 12 cm'),
    ('open the drawer by 8 cm', 'open the drawer by 8 cm'),
    ('pull the drawer', 'open the drawer by 12 cm'),
    ('close the drawer by 6 cm', 'close the drawer by 6 cm'),
    ('push the drawer shut by 6 cm', 'close the drawer by 6 cm'),
    # pouring
    ('pour the cup into the bowl', 'pour from the cup into the bowl, and keep holding it'),
    ('pour from the mug into the bowl', 'pour from the cup into the bowl, and keep holding it'),
    ('empty the cup into the bowl', 'pour from the cup into the bowl, and keep holding it'),
    # pointing
    ('hover above the plate', 'hover 12 cm above the plate'),
    ('hover 20 cm above the plate', 'hover 20 cm above the plate'),
    ('go to the plate', 'hover 12 cm above the plate'),
    ('point at the blue cube', 'point at the blue cube'),
    ('touch the blue cube', 'touch the blue cube'),
    ('press the blue cube', 'press the blue cube'),
    # modifiers
    ('slowly put the red cube on the plate', 'bring the red cube to the plate [slow]'),
    ('put the red cube slowly on the plate', 'bring the red cube to the plate [slow]'),
    ('put the red cube on the plate gently', 'bring the red cube to the plate [slow]'),
    ('gently pick up the cup and carefully put it on the plate',
     'bring the cup to the plate [slow]'),
    ('carry the cup to the plate without spilling', 'bring the cup to the plate [upright]'),
    ('carry the cup to the plate and keep it level', 'bring the cup to the plate [upright]'),
    ('keep the cup upright and put it on the plate', 'bring the cup to the plate [upright]'),
    ('put the cup on the plate, keep the mug upright', 'bring the cup to the plate [upright]'),
    ('slowly carry the cup upright to the plate', 'bring the cup to the plate [slow] [upright]'),
    ('carry the red cube to the plate high above the table', 'bring the red cube to the plate'),
    # staying clear
    ('put the red cube on the plate, stay clear of the bottle', 'bring the red cube to the plate'),
    ('put the red cube on the plate, keep 5 cm away from the bottle',
     'bring the red cube to the plate [bottle 5 cm]'),
    ('put the red cube on the plate, avoid the cup by at least 6 cm',
     'bring the red cube to the plate [cup 6 cm]'),
    ('put the red cube on the plate without touching the blue cube',
     'bring the red cube to the plate [blue cube 3 cm]'),
    ("put the red cube on the plate, don't hit the cup or the bowl",
     'bring the red cube to the plate [cup 3 cm] [bowl 3 cm]'),
    ('put the red cube on the plate and avoid the other cubes',
     'bring the red cube to the plate [green cube 3 cm] [blue cube 3 cm] [yellow cube 3 cm]'),
    ('avoid all obstacles and put the red cube on the plate', 'bring the red cube to the plate'),
    ('push the green cube left by 10 cm, mind the cup', 'push the green cube left by 10 cm '
                                                        '[cup 3 cm]'),
]

REFUSED = [
    ('put the red cube', 'does not say where to'),
    ('put the cube on the plate', 'red cube, green cube, blue cube, yellow cube; say which'),
    ('put the red cube on the other cube', 'green cube, blue cube, yellow cube; say which'),
    ('put the other thing on the plate', 'could be any of'),
    ('put the red cube left of the plate', 'the tray is too close there'),
    ('put the red cube next to the bottle', 'the bottle is an obstacle'),
    ('put the red cube under the plate', 'I do not know "under" as a place'),
    ('put the red cube 5 cm on the plate', 'I do not know what 5 cm means on the plate'),
    ('put the red cube 45 cm right of the green cube', 'out of the workspace'),
    ('put the plate on the tray', 'the plate is not something to pick up'),
    ('put the red cube on the plate, avoid the plate', 'both used and stayed clear of'),
    ('put the red cube between the green cube and the yellow cube, avoid the yellow cube',
     'both used and stayed clear of'),
    ('pick up the red cube on the plate', 'there is no "red cube" on the plate'),
    ('pick up the plate', 'not something to pick up'),
    ('pick up the cube left of the blue cube', 'green cube, yellow cube; say which'),
    ('put the leftmost cube on the plate', 'green cube, yellow cube; say which'),
    ('lift the red cube 90 cm', 'I can lift by 3 to 55 cm'),
    ('lift the red cube by -5 cm', 'not "-5 cm" after it'),
    ('put it on the plate', 'not one task with one object'),
    ('put the red cube on the plate and the blue cube in the tray', 'but not'),
    ('pick up the red cube and push it to the plate', 'not one task with one object'),
    ('stack the red cube on the peg', 'too narrow to stack'),
    ('stack the red cube in the tray', 'say "stack the <object> on the <target>"'),
    ('insert the red cube into the tray', 'too shallow'),
    ('insert the cup into the socket', 'too wide'),
    ('push the red cube', 'does not say which way'),
    ('push the red cube left', 'does not say how far'),
    ('push the red cube left by 10 cm', 'the green cube is in the way'),
    ('push the red cube back by 20 cm', 'out of the workspace'),
    ('push the red cube left by 2 m', 'I can push by 2 to 40 cm'),
    ('push the yellow cube to the plate by 5 cm', 'two goals'),
    ('push the plate left by 5 cm', 'too flat to push'),
    ('push the bottle left by 5 cm', 'is an obstacle'),
    ('push the red cube to the bottle', 'is an obstacle'),
    ('open the tray', 'has no point called "handle"'),
    ('close the drawer', 'cannot see how far the drawer is open'),
    ('pour the plate into the bowl', 'not something to pick up and pour from'),
    ('pour the cup', 'say "pour the <object> into the <target>"'),
    ('pour the cup into the bowl without spilling', 'cannot be poured from and kept upright'),
    ('touch the bottle', 'the bottle is an obstacle'),
    ('touch the plate by 5 cm', 'I do not know what 5 cm means'),
    ('hover 90 cm above the plate', 'I can hover 3 to 50 cm'),
    ('put the red cube on the plate high and low', 'both high and low'),
    ('put the red cube on the plate, keep the cup upright',
     'keep upright only what is moved, not the cup'),
    ('put the red cube on the plate, keep 50 cm away from the bottle', '20 cm I can keep clear'),
    ('put the red cube on the plate not slowly', 'forbids something'),
    ('put the red cube on the plate without the bottle', 'forbids something'),
    ('do not put the red cube on the plate', 'does not begin with a command'),
    ("don't push the red cube forward by 5 cm", 'does not begin with a command'),
    ('never open the drawer', 'does not begin with a command'),
    ('put the red cube on the plate and do not open the drawer', 'forbids something'),
    ('wash the red cube', 'does not begin with a command'),
    ('put the red cube on the plate by 5 pm', 'but not "5 pm" after it'),
    ('put the red cube on the plate twice', 'there is no "plate twice" in view'),
    ('put the red cube upside down on the plate', 'there is no "red cube upside"'),
    ('put the mug on the shelf', 'there is no "shelf" in view ("mug" is the cup)'),
    ('put the red cube on the plate 🚫', '🚫'),
    ('put ' + 'the ' * 60 + 'red cube on the plate', 'more than 60 words'),
]


@pytest.mark.parametrize(('sentence', 'expected'), ACCEPTED)
def test_a_sentence_gives_the_program_it_asks_for(sentence, expected):
    authored = write(sentence, SCENE)
    assert gist(authored) == expected
    check_program(authored.program, SCENE)


@pytest.mark.parametrize(('sentence', 'reason'), REFUSED)
def test_a_refusal_says_what_is_wrong(sentence, reason):
    with pytest.raises((NotUnderstoodError, UnknownObjectInInstructionError)) as caught:
        write(sentence, SCENE)
    assert reason in str(caught.value)
