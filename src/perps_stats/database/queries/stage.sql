-- A place for a batch that may conflict. It lasts as long as the connection, its rows a transaction.
create temporary table if not exists {staging} (like {table}) on commit delete rows
