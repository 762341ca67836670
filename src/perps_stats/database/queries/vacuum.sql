-- Make what was deleted room for new rows, and let the planner look again.
vacuum (analyze) {table}
