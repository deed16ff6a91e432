from setuptools import find_packages, setup

package_name = 'vls_core'

setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={package_name: ['grounding/*.yaml', 'vlm/prompts/*.md']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
    ],
    install_requires=['setuptools'],
    zip_safe=True,
    maintainer='The VLS authors',
    maintainer_email='vls@example.org',
    description='Steering of pretrained robot policies by vision-language rewards',
    license='Apache-2.0',
    entry_points={
        'console_scripts': ['vls-train-policy = vls_core.policies.training:main'],
    },
)
