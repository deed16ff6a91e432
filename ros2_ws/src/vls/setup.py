from glob import glob

from setuptools import find_packages, setup

package_name = 'vls'

setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
        ('share/' + package_name + '/launch', glob('launch/*.launch.py')),
        ('share/' + package_name + '/config', glob('config/*')),
        ('share/' + package_name + '/rviz', glob('rviz/*.rviz')),
    ],
    install_requires=['setuptools'],
    zip_safe=True,
    maintainer='The VLS authors',
    maintainer_email='vls@example.org',
    description='Bringup of the VLS stack: launch file, node table, process runner, vls command',
    license='Apache-2.0',
    entry_points={'console_scripts': ['vls = vls.cli:main']},
)
