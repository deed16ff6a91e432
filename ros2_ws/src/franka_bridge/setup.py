from setuptools import find_packages, setup

package_name = 'franka_bridge'

setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
    ],
    install_requires=['setuptools'],
    zip_safe=True,
    maintainer='The VLS authors',
    maintainer_email='vls@example.org',
    description='Action chunks to a Franka FR3, inside a safety envelope',
    license='Apache-2.0',
    entry_points={'console_scripts': ['franka_bridge = franka_bridge.bridge_node:main']},
)
