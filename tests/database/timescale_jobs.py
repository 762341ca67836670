"""TimescaleDB's own jobs, which a server runs by itself and the one in WebAssembly does not."""

from perps_stats.database.link import Link

JOBS = "select job_id from timescaledb_information.jobs where proc_name = $1 order by 1"


async def run_jobs(link: Link, kind: str) -> int:
    """Run those of a kind now; how many there are."""
    async with link.borrow() as connection:
        jobs = await connection.fetch(JOBS, kind)
        for row in jobs:
            await connection.execute(f"call run_job({row[0]})")
    return len(jobs)
