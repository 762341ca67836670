"""The parts that are compiled, where a compiler is at hand: without it their pure twins serve."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            f"perps_stats.{part.replace('/', '.')}",
            [f"src/perps_stats/{part}.pyx"],
            extra_compile_args=["-O3"],
            optional=True,
        )
        for part in ("exchanges/numerals", "feed/fastbook")
    ]
)
