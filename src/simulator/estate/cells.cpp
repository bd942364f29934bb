// The cells of notebooks. $TEAM, $DOMAIN and $NAME come from the path, $NUMBER from the dice.
#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
constexpr std::string_view python_cells[] = {
    R"~(%md
# $NAME
Belongs to **$TEAM**, area `$DOMAIN`. Runs every night; see the run book in `/Shared/common`.)~",
    R"~(from pyspark.sql import functions as F
from pyspark.sql.window import Window

dbutils.widgets.text("day", "")
dbutils.widgets.dropdown("mode", "incremental", ["incremental", "full"])
day = dbutils.widgets.get("day") or spark.sql("select current_date() - 1").first()[0]
full = dbutils.widgets.get("mode") == "full")~",
    R"~(source = spark.table("main.$TEAM.$DOMAIN_raw")
if not full:
    source = source.where(F.col("day") == F.lit(day))
print(f"{source.count()} rows of {day}"))~",
    R"~(latest = Window.partitionBy("id").orderBy(F.col("changed_at").desc())
rows = (
    source
    .withColumn("place", F.row_number().over(latest))
    .where("place = 1")
    .drop("place")
    .withColumn("amount", F.col("amount").cast("decimal(18, 2)"))
    .withColumn("loaded_at", F.current_timestamp())
))~",
    R"~(%run /Shared/common/utilities/helper 01)~",
    R"~(# Rows that break a rule go to a table of their own; more than $NUMBER of them stop the load.
broken = rows.where("amount is null or id is null")
broken.write.mode("append").saveAsTable("main.$TEAM.$DOMAIN_rejected")
assert broken.count() <= $NUMBER, "too many rows of $DOMAIN were rejected")~",
    R"~(rates = spark.table("main.finance.currencies").where("valid_to is null")
rows = rows.join(F.broadcast(rates), "currency", "left").withColumn("amount_eur", F.col("amount") * F.col("rate")))~",
    R"~(%sql
select day, count(*) as rows, sum(amount) as amount
from main.$TEAM.$DOMAIN
group by day
order by day desc
limit $NUMBER)~",
    R"~(from delta.tables import DeltaTable

target = DeltaTable.forName(spark, "main.$TEAM.$DOMAIN")
(
    target.alias("old")
    .merge(rows.alias("new"), "old.id = new.id")
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll()
    .execute()
))~",
    R"~(password = dbutils.secrets.get("platform-secrets", "warehouse-password")
export = rows.groupBy("day").agg(F.sum("amount").alias("amount"))
display(export))~",
    R"~(spark.sql("optimize main.$TEAM.$DOMAIN zorder by (id)")
dbutils.notebook.exit(f"größte Lücke: {rows.count()} Zeilen"))~",
};

constexpr std::string_view sql_cells[] = {
    R"~(%md
## $NAME
Figures of `$DOMAIN` for **$TEAM**.)~",
    R"~(create widget text day default "2025-12-31";
use catalog main;
use schema $TEAM;)~",
    R"~(create table if not exists $DOMAIN_daily (
  day date not null,
  id bigint not null,
  amount decimal(18, 2) comment 'in the currency of the row',
  currency string
)
using delta
partitioned by (day)
tblproperties ('delta.enableChangeDataFeed' = 'true');)~",
    R"~(insert overwrite $DOMAIN_daily partition (day = '${day}')
select id, sum(amount) as amount, currency
from $DOMAIN_raw
where day = '${day}'
group by id, currency;)~",
    R"~(-- The $NUMBER largest, to look at
select *
from $DOMAIN_daily
order by amount desc
limit $NUMBER;)~",
    R"~(create or replace view $DOMAIN_trend as
select
  day,
  sum(amount) as amount,
  avg(sum(amount)) over (order by day rows between 6 preceding and current row) as week
from $DOMAIN_daily
group by day;)~",
    R"~(%python
late = spark.sql("select count(*) from $DOMAIN_daily where day < current_date() - $NUMBER").first()[0]
print("late rows:", late))~",
    R"~(grant select on view $DOMAIN_trend to `finance`;)~",
};

constexpr std::string_view scala_cells[] = {
    R"~(%md
### $NAME
Shared by the notebooks of $TEAM.)~",
    R"~(import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions._)~",
    R"~(case class Band(name: String, lowest: Double, highest: Double)

val bands = Seq(Band("low", 0, $NUMBER), Band("middle", $NUMBER, 1000), Band("high", 1000, 1e9)))~",
    R"~(def withBand(rows: DataFrame, column: String): DataFrame =
  bands.foldLeft(rows.withColumn("band", lit("none"))) { (out, band) =>
    out.withColumn("band", when(col(column) >= band.lowest && col(column) < band.highest, band.name)
      .otherwise(col("band")))
  })~",
    R"~(val rows = withBand(spark.table("main.$TEAM.$DOMAIN"), "amount")
rows.groupBy("band").count().show(truncate = false))~",
    R"~(%sql
select band, count(*) from main.$TEAM.$DOMAIN_banded group by band)~",
    R"~(rows.write.mode("overwrite").option("overwriteSchema", "true").saveAsTable("main.$TEAM.$DOMAIN_banded"))~",
};

constexpr std::string_view r_cells[] = {
    R"~(%md
# $NAME
A model of $DOMAIN, looked at once a quarter.)~",
    R"~(library(SparkR)
library(ggplot2))~",
    R"~(rows <- collect(sql("select day, amount from main.$TEAM.$DOMAIN where day >= '2025-01-01'"))
summary(rows$amount))~",
    R"~(model <- lm(amount ~ as.integer(day), data = rows)
print(coef(model)))~",
    R"~(rows$residual <- residuals(model)
outliers <- rows[abs(rows$residual) > $NUMBER * sd(rows$residual) / 10, ]
nrow(outliers))~",
    R"~(ggplot(rows, aes(day, amount)) + geom_line() + geom_smooth(method = "loess") + labs(title = "$DOMAIN"))~",
};

template <std::size_t count>
std::vector<std::string_view> all_of(const std::string_view (&cells)[count]) {
  return {std::begin(cells), std::end(cells)};
}
}  // namespace

std::vector<std::string_view> notebook_cells(std::string_view language) {
  if (language == "SQL") return all_of(sql_cells);
  if (language == "SCALA") return all_of(scala_cells);
  if (language == "R") return all_of(r_cells);
  return all_of(python_cells);
}

}  // namespace twinlake::simulator
