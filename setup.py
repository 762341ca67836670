"""The one part that is compiled, where a compiler is at hand: without it the pure twin serves."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "perps_stats.feed.fastbook",
            ["src/perps_stats/feed/fastbook.pyx"],
            extra_compile_args=["-O3"],
            optional=True,
        )
    ]
)
