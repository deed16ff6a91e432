from setuptools import find_packages, setup

package_name = 'vls_policy_node'

setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={package_name: ['checkpoints/*']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
    ],
    install_requires=['setuptools'],
    zip_safe=False,
    maintainer='The VLS authors',
    maintainer_email='vls@example.org',
    description='Serves a frozen policy, steered by reward programs',
    license='Apache-2.0',
    entry_points={'console_scripts': ['policy = vls_policy_node.policy_node:main']},
)
