package main

import (
	"fmt"
	"slices"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/service/compute"
)

func pypi(name string) compute.Library {
	return compute.Library{Pypi: &compute.PythonPyPiLibrary{Package: name}}
}

func newPolicy(request compute.CreatePolicy) string {
	return must(w.ClusterPolicies.Create(ctx, request)).PolicyId
}

func newPool(name string) string {
	return must(w.InstancePools.Create(ctx, compute.CreateInstancePool{InstancePoolName: name, NodeTypeId: nodeType})).InstancePoolId
}

func clusterPolicies() {
	definition := fmt.Sprintf(`{"instance_pool_id":{"type":"fixed","value":"%s"}}`, newPool("for policies"))
	id := newPolicy(compute.CreatePolicy{Name: "small", Definition: definition, Description: "d", MaxClustersPerUser: 3,
		Libraries: []compute.Library{pypi("simplejson==3.8.0")}})
	now := func() *compute.Policy { return must(w.ClusterPolicies.GetByPolicyId(ctx, id)) }
	contains("the policy", now(), map[string]any{"policy_id": id, "name": "small", "definition": definition, "description": "d",
		"max_clusters_per_user": 3, "libraries": []any{pypi("simplejson==3.8.0")}, "creator_user_name": me()})
	same("a default", now().IsDefault, false)

	wrong := map[string]compute.CreatePolicy{
		"already exists": {Name: "small", Definition: "{}"},
		"JSON":           {Name: "x", Definition: "{"},
		"":               {Name: "x", Definition: "{}", ForceSendFields: []string{"MaxClustersPerUser"}},
		"policy_family":  {Name: "x", Definition: "{}", PolicyFamilyId: "personal-vm"},
	}
	for text, request := range wrong {
		refused(from(w.ClusterPolicies.Create(ctx, request)), databricks.ErrBadRequest, text)
	}
	done(w.ClusterPolicies.Edit(ctx, compute.EditPolicy{PolicyId: id, Name: "smaller", Definition: "{}"}))
	read := now()
	same("an edit replaces everything", []any{read.Name, read.Description, len(read.Libraries), read.MaxClustersPerUser},
		[]any{"smaller", "", 0, int64(0)})

	for _, name := range []string{"b", "a"} {
		newPolicy(compute.CreatePolicy{Name: name, Definition: "{}"})
	}
	byName := compute.ListClusterPoliciesRequest{SortColumn: compute.ListSortColumnPolicyName, SortOrder: compute.ListSortOrderAsc}
	names := each(must(w.ClusterPolicies.ListAll(ctx, byName)), func(policy compute.Policy) string { return policy.Name })
	check(slices.IsSorted(names), "policies by name: %v", names)
	includes("policies", names, "a", "b", "smaller")
	same("a policy by its name", must(w.ClusterPolicies.GetByName(ctx, "smaller")).PolicyId, id)
	done(w.ClusterPolicies.DeleteByPolicyId(ctx, id))
	refused(from(w.ClusterPolicies.GetByPolicyId(ctx, id)), nil, id)
	refused(w.ClusterPolicies.Edit(ctx, compute.EditPolicy{PolicyId: id, Name: "gone", Definition: "{}"}), nil, id)
}

func policyFamilies() {
	overrides := `{"autotermination_minutes":{"type":"fixed","value":30}}`
	id := newPolicy(compute.CreatePolicy{Name: "family", PolicyFamilyId: "personal-vm", PolicyFamilyDefinitionOverrides: overrides})
	read := must(w.ClusterPolicies.GetByPolicyId(ctx, id))
	same("family and overrides", []string{read.PolicyFamilyId, read.PolicyFamilyDefinitionOverrides}, []string{"personal-vm", overrides})
	merged := plain(rawJSON(read.Definition)).(map[string]any)
	check(len(merged) > 1, "the merged definition: %v", merged)
	contains("the merged definition", merged, rawJSON(overrides))

	families := all(w.PolicyFamilies.List(ctx, compute.ListPolicyFamiliesRequest{MaxResults: 1}))
	ids := each(families, func(family compute.PolicyFamily) string { return family.PolicyFamilyId })
	once("families in pages of 1", ids)
	includes("families", ids, "personal-vm", "job-cluster")
	same("a family", must(w.PolicyFamilies.GetByPolicyFamilyId(ctx, "personal-vm")).PolicyFamilyId, "personal-vm")
	refused(from(w.PolicyFamilies.GetByPolicyFamilyId(ctx, "none")), databricks.ErrNotFound, "none")

	policies := must(w.ClusterPolicies.ListAll(ctx, compute.ListClusterPoliciesRequest{}))
	number := slices.IndexFunc(policies, func(policy compute.Policy) bool { return policy.IsDefault })
	check(number >= 0, "there is no default policy")
	refused(w.ClusterPolicies.DeleteByPolicyId(ctx, policies[number].PolicyId), nil, "")
}

func instancePools() {
	id := must(w.InstancePools.Create(ctx, compute.CreateInstancePool{InstancePoolName: "fast", NodeTypeId: nodeType,
		MaxCapacity: 5, CustomTags: map[string]string{"team": "core"}, PreloadedSparkVersions: []string{spark},
		AzureAttributes: &compute.InstancePoolAzureAttributes{
			Availability: compute.InstancePoolAzureAttributesAvailabilitySpotAzure, SpotBidMaxPrice: -1},
		DiskSpec:        &compute.DiskSpec{DiskCount: 1, DiskSize: 100},
		ForceSendFields: []string{"MinIdleInstances", "EnableElasticDisk"}})).InstancePoolId
	now := func() *compute.GetInstancePool { return must(w.InstancePools.GetByInstancePoolId(ctx, id)) }
	contains("the pool", now(), map[string]any{"instance_pool_id": id, "instance_pool_name": "fast", "node_type_id": nodeType,
		"max_capacity": 5, "custom_tags": map[string]any{"team": "core"}, "preloaded_spark_versions": []any{spark},
		"state": "ACTIVE", "idle_instance_autotermination_minutes": 60, "disk_spec": map[string]any{"disk_count": 1, "disk_size": 100},
		"azure_attributes": map[string]any{"availability": "SPOT_AZURE", "spot_bid_max_price": -1}})
	same("a field that was sent as false", now().EnableElasticDisk, false)
	same("a tag of the server's", now().DefaultTags["DatabricksInstancePoolId"], id)
	check(now().Stats != nil, "the pool has no counters")

	again := compute.CreateInstancePool{InstancePoolName: "fast", NodeTypeId: nodeType}
	refused(from(w.InstancePools.Create(ctx, again)), databricks.ErrBadRequest, "already exists")
	overfull := compute.CreateInstancePool{InstancePoolName: "x", NodeTypeId: nodeType, MinIdleInstances: 3, MaxCapacity: 2}
	refused(from(w.InstancePools.Create(ctx, overfull)), databricks.ErrBadRequest, "")
	done(w.InstancePools.Edit(ctx, compute.EditInstancePool{InstancePoolId: id, InstancePoolName: "faster", NodeTypeId: nodeType}))
	read := now()
	same("an edit resets what it may set and keeps the rest",
		[]any{read.InstancePoolName, read.MaxCapacity, len(read.CustomTags), read.EnableElasticDisk, read.PreloadedSparkVersions},
		[]any{"faster", 0, 0, false, []string{spark}})
	refused(w.InstancePools.Edit(ctx, compute.EditInstancePool{InstancePoolId: id, InstancePoolName: "faster",
		NodeTypeId: "Standard_E8ds_v5"}), databricks.ErrBadRequest, "")

	same("a pool by its name", must(w.InstancePools.GetByInstancePoolName(ctx, "faster")).InstancePoolId, id)
	done(w.InstancePools.DeleteByInstancePoolId(ctx, id))
	refused(from(w.InstancePools.GetByInstancePoolId(ctx, id)), nil, id)
	refused(w.InstancePools.DeleteByInstancePoolId(ctx, id), nil, id)
	listed := each(must(w.InstancePools.ListAll(ctx)), func(pool compute.InstancePoolAndStats) string { return pool.InstancePoolId })
	check(!slices.Contains(listed, id), "a deleted pool is listed")
}
