package main

import (
	"encoding/json"
	"fmt"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/service/catalog"
	"github.com/databricks/databricks-sdk-go/service/dashboards"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/settings"
	"github.com/databricks/databricks-sdk-go/service/sql"
	"github.com/databricks/databricks-sdk-go/service/workspace"
)

func rawJSON(text string) json.RawMessage { return json.RawMessage(text) }

func newWarehouse(name string) *sql.GetWarehouseResponse {
	return must(must(w.Warehouses.Create(ctx, sql.CreateWarehouseRequest{Name: name, ClusterSize: "Small", MaxNumClusters: 2,
		AutoStopMins: 15, Tags: &sql.EndpointTags{CustomTags: []sql.EndpointTagPair{{Key: "team", Value: "core"}}}})).Get())
}

func warehouses() {
	made := newWarehouse("wh")
	contains("the warehouse", made, map[string]any{"name": "wh", "state": "RUNNING", "cluster_size": "Small", "max_num_clusters": 2,
		"auto_stop_mins": 15, "tags": map[string]any{"custom_tags": []any{map[string]any{"key": "team", "value": "core"}}}})
	again := sql.CreateWarehouseRequest{Name: "wh", ClusterSize: "Small"}
	refused(from(w.Warehouses.Create(ctx, again)), nil, "already exists")
	must(w.Warehouses.Edit(ctx, sql.EditWarehouseRequest{Id: made.Id, Name: "wh 2", ClusterSize: "Medium", MaxNumClusters: 1}))
	must(must(w.Warehouses.Stop(ctx, sql.StopRequest{Id: made.Id})).Get())
	read := must(w.Warehouses.GetById(ctx, made.Id))
	same("after edit and stop", []any{read.Name, read.ClusterSize, read.State}, []any{"wh 2", "Medium", sql.StateStopped})
	must(w.Warehouses.StartAndWait(ctx, sql.StartRequest{Id: made.Id}))
	ids := each(all(w.Warehouses.List(ctx, sql.ListWarehousesRequest{PageSize: 1})), func(each sql.EndpointInfo) string { return each.Id })
	once("warehouses in pages of 1", ids)
	includes("warehouses in pages of 1", ids, made.Id)
	done(w.Warehouses.DeleteById(ctx, made.Id))
	refused(from(w.Warehouses.GetById(ctx, made.Id)), databricks.ErrNotFound, made.Id)
}

func pipelinesCase() {
	var made []string
	for number := range 3 {
		made = append(made, somePipeline(fmt.Sprintf("p%d", number)))
	}
	read := must(w.Pipelines.GetByPipelineId(ctx, made[0]))
	same("the pipeline", []any{read.Name, read.Spec.Name, read.Spec.Libraries[0].Notebook.Path, read.CreatorUserName},
		[]any{"p0", "p0", "/Shared/x", me()})
	refused(from(w.Pipelines.Create(ctx, pipelines.CreatePipeline{Name: "p0"})), databricks.ErrResourceConflict, "")
	found := all(w.Pipelines.ListPipelines(ctx, pipelines.ListPipelinesRequest{MaxResults: 1, Filter: "name LIKE 'p%'"}))
	ids := each(found, func(each pipelines.PipelineStateInfo) string { return each.PipelineId })
	once("pipelines in pages of 1", ids)
	includes("pipelines in pages of 1", ids, made...)
	done(w.Pipelines.Update(ctx, pipelines.EditPipeline{PipelineId: made[0], Name: "p0 renamed", Libraries: read.Spec.Libraries}))
	same("the name", must(w.Pipelines.GetByPipelineId(ctx, made[0])).Spec.Name, "p0 renamed")
	done(w.Pipelines.DeleteByPipelineId(ctx, made[0]))
	refused(from(w.Pipelines.GetByPipelineId(ctx, made[0])), databricks.ErrNotFound, made[0])
}

func queries() {
	var made []string
	for number := range 3 {
		made = append(made, someQuery(fmt.Sprintf("q%d", number)))
	}
	same("the query", must(w.Queries.GetById(ctx, made[0])).QueryText, "select 1")
	again := &sql.CreateQueryRequestQuery{DisplayName: "q0", QueryText: "select 2"}
	refused(from(w.Queries.Create(ctx, sql.CreateQueryRequest{Query: again})), nil, "already exists")
	other := must(w.Queries.Create(ctx, sql.CreateQueryRequest{AutoResolveDisplayName: true, Query: again}))
	check(other.DisplayName != "q0", "the name was not resolved: %s", other.DisplayName)
	must(w.Queries.Update(ctx, sql.UpdateQueryRequest{Id: made[0], UpdateMask: "query_text",
		Query: &sql.UpdateQueryRequestQuery{QueryText: "select 3"}}))
	read := must(w.Queries.GetById(ctx, made[0]))
	same("after an update", []string{read.DisplayName, read.QueryText}, []string{"q0", "select 3"})
	found := all(w.Queries.List(ctx, sql.ListQueriesRequest{PageSize: 1}))
	ids := each(found, func(each sql.ListQueryObjectsResponseQuery) string { return each.Id })
	once("queries in pages of 1", ids)
	includes("queries in pages of 1", ids, made...)
	done(w.Queries.DeleteById(ctx, made[0]))
	refused(from(w.Queries.GetById(ctx, "no-query")), databricks.ErrNotFound, "no-query")
}

func someCondition() *sql.AlertCondition {
	return &sql.AlertCondition{Op: sql.AlertOperatorGreaterThan,
		Operand:   &sql.AlertConditionOperand{Column: &sql.AlertOperandColumn{Name: "a"}},
		Threshold: &sql.AlertConditionThreshold{Value: &sql.AlertOperandValue{DoubleValue: 1}}}
}

func someAlert(name, query string) string {
	return must(w.Alerts.Create(ctx, sql.CreateAlertRequest{Alert: &sql.CreateAlertRequestAlert{
		DisplayName: name, QueryId: query, Condition: someCondition()}})).Id
}

func legacyAlerts() {
	query := someQuery("of alerts")
	id := someAlert("old", query)
	read := must(w.Alerts.GetById(ctx, id))
	same("the alert", []string{read.DisplayName, read.QueryId}, []string{"old", query})
	contains("its condition", read.Condition, someCondition())
	must(w.Alerts.Update(ctx, sql.UpdateAlertRequest{Id: id, UpdateMask: "display_name",
		Alert: &sql.UpdateAlertRequestAlert{DisplayName: "older"}}))
	found := all(w.Alerts.List(ctx, sql.ListAlertsRequest{PageSize: 1}))
	names := each(found, func(each sql.ListAlertsResponseAlert) string { return each.DisplayName })
	includes("legacy alerts in pages of 1", names, "older")
	refused(from(w.Alerts.Create(ctx, sql.CreateAlertRequest{Alert: &sql.CreateAlertRequestAlert{
		DisplayName: "x", QueryId: "no-query", Condition: someCondition()}})), nil, "no-query")
	done(w.Alerts.DeleteById(ctx, id))
	refused(from(w.Alerts.GetById(ctx, "no-alert")), databricks.ErrNotFound, "no-alert")
}

func alertNamed(name string) sql.AlertV2 {
	return sql.AlertV2{DisplayName: name, QueryText: "select 1", WarehouseId: someWarehouse(),
		Evaluation: sql.AlertV2Evaluation{Source: sql.AlertV2OperandColumn{Name: "a"}, ComparisonOperator: sql.ComparisonOperatorGreaterThan},
		Schedule:   sql.CronSchedule{QuartzCronSchedule: "0 0 2 * * ?", TimezoneId: "UTC", PauseStatus: sql.SchedulePauseStatusPaused}}
}

func newAlert(name string) *sql.AlertV2 {
	return must(w.AlertsV2.CreateAlert(ctx, sql.CreateAlertV2Request{Alert: alertNamed(name)}))
}

func alerts() {
	id := newAlert("new").Id
	contains("the alert", must(w.AlertsV2.GetAlertById(ctx, id)), alertNamed("new"))
	newAlert("another")
	must(w.AlertsV2.UpdateAlert(ctx, sql.UpdateAlertV2Request{Id: id, UpdateMask: "display_name", Alert: alertNamed("newer")}))
	found := all(w.AlertsV2.ListAlerts(ctx, sql.ListAlertsV2Request{PageSize: 1}))
	names := each(found, func(each sql.AlertV2) string { return each.DisplayName })
	once("alerts in pages of 1", names)
	includes("alerts in pages of 1", names, "newer", "another")
	done(w.AlertsV2.TrashAlertById(ctx, id))
	same("an alert in the trash", must(w.AlertsV2.GetAlertById(ctx, id)).LifecycleState, sql.AlertLifecycleStateDeleted)
	refused(from(w.AlertsV2.GetAlertById(ctx, "no-alert")), databricks.ErrNotFound, "no-alert")
}

func dashboardsCase() {
	var made []string
	for number := range 3 {
		made = append(made, someDashboard(fmt.Sprintf("d%d", number)).DashboardId)
	}
	read := must(w.Lakeview.GetByDashboardId(ctx, made[0]))
	same("the dashboard", read.DisplayName, "d0")
	contains("its pages", rawJSON(read.SerializedDashboard), rawJSON(`{"pages":[]}`))
	same("its place in the tree", status(read.Path).ObjectType, workspace.ObjectTypeDashboard)
	refused(from(w.Lakeview.Create(ctx, dashboards.CreateDashboardRequest{Dashboard: dashboards.Dashboard{DisplayName: "d0"}})),
		databricks.ErrResourceConflict, "already exists")
	must(w.Lakeview.Update(ctx, dashboards.UpdateDashboardRequest{DashboardId: made[0], Dashboard: dashboards.Dashboard{DisplayName: "d0 renamed"}}))
	stale := dashboards.UpdateDashboardRequest{DashboardId: made[0], Dashboard: dashboards.Dashboard{Etag: read.Etag}}
	refused(from(w.Lakeview.Update(ctx, stale)), nil, "")
	ids := each(all(w.Lakeview.List(ctx, dashboards.ListDashboardsRequest{PageSize: 1})),
		func(each dashboards.Dashboard) string { return each.DashboardId })
	once("dashboards in pages of 1", ids)
	includes("dashboards in pages of 1", ids, made...)

	warehouse := someWarehouse()
	same("published", must(w.Lakeview.Publish(ctx, dashboards.PublishRequest{DashboardId: made[0], WarehouseId: warehouse})).WarehouseId, warehouse)
	schedule := must(w.Lakeview.CreateSchedule(ctx, dashboards.CreateScheduleRequest{DashboardId: made[0], Schedule: dashboards.Schedule{
		CronSchedule: dashboards.CronSchedule{QuartzCronExpression: "0 0 2 * * ?", TimezoneId: "UTC"},
		PauseStatus:  dashboards.SchedulePauseStatusPaused}}))
	again := must(w.Lakeview.GetScheduleByDashboardIdAndScheduleId(ctx, made[0], schedule.ScheduleId))
	same("its schedule", again.PauseStatus, dashboards.SchedulePauseStatusPaused)
	same("schedules", len(must(w.Lakeview.ListSchedulesAll(ctx, dashboards.ListSchedulesRequest{DashboardId: made[0]}))), 1)
	done(w.Lakeview.TrashByDashboardId(ctx, made[0]))
	refused(from(w.Workspace.GetStatusByPath(ctx, read.Path)), databricks.ErrNotFound, "doesn't exist")
	all(w.Dashboards.List(ctx, sql.ListDashboardsRequest{PageSize: 1})) // the legacy ones: there may be none
}

func notificationDestinations() {
	var made []string
	for range 3 {
		made = append(made, must(w.NotificationDestinations.Create(ctx, settings.CreateNotificationDestinationRequest{DisplayName: "hook",
			Config: &settings.Config{Slack: &settings.SlackConfig{Url: "https://hooks.example/secret"}}})).Id)
	}
	read := must(w.NotificationDestinations.GetById(ctx, made[0]))
	same("a destination, without its secret", []any{read.DestinationType, read.Config.Slack.Url, read.Config.Slack.UrlSet},
		[]any{settings.DestinationTypeSlack, "", true})
	must(w.NotificationDestinations.Update(ctx, settings.UpdateNotificationDestinationRequest{Id: made[0], DisplayName: "hook 2"}))
	same("the name", must(w.NotificationDestinations.GetById(ctx, made[0])).DisplayName, "hook 2")
	found := all(w.NotificationDestinations.List(ctx, settings.ListNotificationDestinationsRequest{PageSize: 1}))
	ids := each(found, func(each settings.ListNotificationDestinationsResult) string { return each.Id })
	once("destinations in pages of 1", ids)
	includes("destinations in pages of 1", ids, made...)
	done(w.NotificationDestinations.DeleteById(ctx, made[0]))
	refused(from(w.NotificationDestinations.GetById(ctx, made[0])), databricks.ErrNotFound, made[0])
}

func connections() {
	options := map[string]string{"host": "db.lakeside.example", "port": "5432", "user": "u", "password": "secret"}
	for _, name := range []string{"pg", "pg2"} {
		must(w.Connections.Create(ctx, catalog.CreateConnection{Name: name, Comment: "c",
			ConnectionType: catalog.ConnectionTypePostgresql, Options: options}))
	}
	read := must(w.Connections.GetByName(ctx, "pg"))
	same("a connection, without its secret", []any{read.ConnectionType, read.Comment, read.Options["host"], read.Options["password"]},
		[]any{catalog.ConnectionTypePostgresql, "c", "db.lakeside.example", ""})
	refused(from(w.Connections.Create(ctx, catalog.CreateConnection{Name: "pg", ConnectionType: catalog.ConnectionTypePostgresql,
		Options: options})), nil, "exists")
	must(w.Connections.Update(ctx, catalog.UpdateConnection{Name: "pg2", NewName: "pg3", Options: options}))
	found := all(w.Connections.List(ctx, catalog.ListConnectionsRequest{MaxResults: 1}))
	same("connections in pages of 1", sorted(each(found, func(each catalog.ConnectionInfo) string { return each.Name })...), []string{"pg", "pg3"})
	done(w.Connections.DeleteByName(ctx, "pg3"))
	refused(from(w.Connections.GetByName(ctx, "pg3")), databricks.ErrNotFound, "pg3")
}

func secretScopes() {
	done(w.Secrets.CreateScope(ctx, workspace.CreateScope{Scope: "scope", InitialManagePrincipal: "users"}))
	found := must(w.Secrets.ListScopesAll(ctx))
	same("scopes", each(found, func(each workspace.SecretScope) string { return each.Name }), []string{"scope"})
	same("its backend", found[0].BackendType, workspace.ScopeBackendTypeDatabricks)
	refused(w.Secrets.CreateScope(ctx, workspace.CreateScope{Scope: "SCOPE"}), databricks.ErrResourceAlreadyExists, "already exists")
	vault := workspace.CreateScope{Scope: "vault", ScopeBackendType: workspace.ScopeBackendTypeAzureKeyvault,
		BackendAzureKeyvault: &workspace.AzureKeyVaultSecretScopeMetadata{ResourceId: "/subscriptions/x", DnsName: "https://x.example/"}}
	refused(w.Secrets.CreateScope(ctx, vault), databricks.ErrInvalidParameterValue, "userAADToken")
	done(w.Secrets.DeleteScope(ctx, workspace.DeleteScope{Scope: "scope"}))
	refused(w.Secrets.DeleteScope(ctx, workspace.DeleteScope{Scope: "scope"}), databricks.ErrNotFound, "scope")
}
