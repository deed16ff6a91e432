from setuptools import find_packages, setup

package_name = 'vls_perception_node'

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
    description='Finds named objects in RGB-D pictures; publishes pictures of a RealSense',
    license='Apache-2.0',
    entry_points={
        'console_scripts': [
            'perception = vls_perception_node.perception_node:main',
            'realsense_camera = vls_perception_node.realsense_camera:main',
        ],
    },
)
