# `con` and `dbGetQuery` for the blocks in R of COOKBOOK.md: source("docs/cookbook.R")
#
# TITIKRAWAN_WAREHOUSE names another file. With CRAN's package duckdb the file is queried through DBI. Without it, as on
# Debian, Python's duckdb is used through reticulate (r-cran-reticulate; RETICULATE_PYTHON names a Python that has
# duckdb); dates are then text.
local({
  file <- Sys.getenv("TITIKRAWAN_WAREHOUSE", "data/warehouse/titikrawan.duckdb")
  if (requireNamespace("duckdb", quietly = TRUE)) {
    con <<- DBI::dbConnect(duckdb::duckdb(), file, read_only = TRUE)
    dbGetQuery <<- DBI::dbGetQuery
    return(invisible())
  }
  own <- file.path(".venv", "bin", "python")
  if (Sys.getenv("RETICULATE_PYTHON") == "" && file.exists(own)) reticulate::use_python(own, required = TRUE)
  con <<- reticulate::import("duckdb")$connect(file, read_only = TRUE)
  plain <- function(value) {
    if (is.null(value)) NA else if (is.object(value)) reticulate::py_str(value) else value
  }
  dbGetQuery <<- function(con, statement) {
    found <- con$execute(statement)
    names <- vapply(found$description, function(one) one[[1]], "")
    rows <- found$fetchall()
    columns <- lapply(seq_along(names), function(i) {
      if (length(rows)) do.call(c, lapply(rows, function(row) plain(row[[i]]))) else logical()
    })
    as.data.frame(setNames(columns, names))
  }
})
